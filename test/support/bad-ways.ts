import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";

/** A way to the API on which the first submission stays until it is let go, and a way to the gateway that can be cut. */
export async function openBadWays(server: string, gatewayPort: number) {
  const open = new Set<Socket>();
  const line = createTcpServer((down) => {
    const up = connect({ host: "127.0.0.1", port: gatewayPort, noDelay: true });
    for (const each of [down, up]) each.on("error", () => undefined).on("close", () => open.delete(each.destroy()));
    open.add(down.on("close", () => up.destroy())).add(up.on("close", () => down.destroy()));
    down.pipe(up).pipe(down);
  });
  let letGo: () => void = () => undefined;
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
  let hold: () => void = () => undefined;
  const isHeld = new Promise<void>((resolve) => (hold = resolve));
  let submissions = 0;
  const api = createServer((asked, answer) => {
    const pass = (): void => {
      const { method = "GET", headers, url = "/" } = asked;
      const onward = request(`${server}${url}`, { method, headers }, (found) => {
        answer.writeHead(found.statusCode ?? 500, found.headers);
        found.pipe(answer);
      });
      onward.on("error", () => answer.destroy());
      asked.pipe(onward);
    };
    if (!asked.url?.endsWith("/submissions") || submissions++ > 0) pass();
    else {
      hold();
      isLetGo.then(pass, pass);
    }
  });
  const portOf = async (each: Server): Promise<number> => {
    await once(each.listen(0, "127.0.0.1"), "listening");
    return (each.address() as AddressInfo).port;
  };
  return {
    isHeld,
    letGo,
    url: `http://127.0.0.1:${await portOf(api)}`,
    port: await portOf(line),
    cut: () => {
      for (const socket of open) socket.destroy();
    },
    close: async () => {
      api.closeAllConnections();
      await Promise.all([line, api].map((each) => new Promise((resolve) => each.close(resolve))));
    },
  };
}
