// Uses a localnet (or any test cluster) as every wallet does, with an unmodified @solana/kit: asks for test SOL, sends
// some of it on, waits until that is final, and reads it back.
//
//     node examples/kit.mjs http://127.0.0.1:8899
//
// Subscriptions are at the next port, as of every Solana node, or at the same name where it has no port; name their URL
// behind it where they are elsewhere.
import {
  airdropFactory,
  appendTransactionMessageInstruction,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  createTransactionMessage,
  generateKeyPairSigner,
  getSignatureFromTransaction,
  lamports,
  pipe,
  sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";

const [rpcUrl = "http://127.0.0.1:8899", wsUrl = atNextPort(rpcUrl)] = process.argv.slice(2);
const rpc = createSolanaRpc(rpcUrl);
const rpcSubscriptions = createSolanaRpcSubscriptions(wsUrl);
const airdrop = airdropFactory({ rpc, rpcSubscriptions });
const sendAndConfirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions });

const sol = 1_000_000_000n;
const show = (value) => `${Number(value) / Number(sol)} SOL`;
const [me, friend] = await Promise.all([generateKeyPairSigner(), generateKeyPairSigner()]);

async function showBalances() {
  for (const [name, { address }] of Object.entries({ me, friend })) {
    const { value } = await rpc.getBalance(address, { commitment: "finalized" }).send();
    console.log(`${name.padEnd(7)}${address}  ${show(value)}`);
  }
}

console.log(`cluster ${await rpc.getGenesisHash().send()}, slot ${await rpc.getSlot().send()}`);
await airdrop({ recipientAddress: me.address, lamports: lamports(2n * sol), commitment: "finalized" });
await showBalances();

const { value: lifetime } = await rpc.getLatestBlockhash().send();
const transfer = getTransferSolInstruction({ source: me, destination: friend.address, amount: sol / 2n });
const message = pipe(
  createTransactionMessage({ version: 0 }),
  (m) => setTransactionMessageFeePayerSigner(me, m),
  (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
  (m) => appendTransactionMessageInstruction(transfer, m),
);
const transaction = await signTransactionMessageWithSigners(message);
await sendAndConfirm(transaction, { commitment: "finalized" });

const signature = getSignatureFromTransaction(transaction);
const found = await rpc.getTransaction(signature, { encoding: "jsonParsed", maxSupportedTransactionVersion: 0 }).send();
console.log(`sent ${signature} in slot ${found.slot}, for a fee of ${found.meta.fee} lamports`);
for (const { parsed, program } of found.transaction.message.instructions) console.log(program, parsed.type);
await showBalances();

const { value: tokens } = await rpc
  .getTokenAccountsByOwner(friend.address, { programId: TOKEN_PROGRAM_ADDRESS }, { encoding: "jsonParsed" })
  .send();
console.log(`friend has ${tokens.length} kinds of tokens`);
process.exit();

function atNextPort(url) {
  const { protocol, hostname, port } = new URL(url);
  const next = port === "" ? "" : `:${Number(port) + 1}`;
  return `${protocol.replace("http", "ws")}//${hostname}${next}`;
}
