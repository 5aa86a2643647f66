import type { ComponentChild } from "preact";

type View = () => ComponentChild;

/** What somebody needs who has earned: its code and its texts come when it is opened. */
const later =
  (load: () => Promise<View>): (() => Promise<View>) =>
  async () => {
    const [view, { addAccountWords }] = await Promise.all([load(), import("./account-words.ts")]);
    await addAccountWords();
    return view;
  };

export const loadWallet = later(async () => (await import("./screens/wallet/wallet.tsx")).WalletScreen);
export const loadDevice = later(async () => (await import("./screens/device/device.tsx")).DeviceSettings);
export const loadTold = later(async () => (await import("./screens/told/told.tsx")).Told);
export const loadYears = later(async () => (await import("./screens/years/years.tsx")).Years);
/** Its own texts, as few have a node. */
export const loadNode = async (): Promise<View> => {
  const [{ NodeScreen }, { addNodeWords }] = await Promise.all([
    import("./screens/node/node.tsx"),
    import("./node-words.ts"),
  ]);
  await addNodeWords();
  return NodeScreen;
};
export const loadAbout = later(async () => (await import("./screens/about/about.tsx")).AboutScreen);
