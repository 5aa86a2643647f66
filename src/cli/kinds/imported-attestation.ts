/** The attestation of an imported vector: in order, of a contributor whom nothing binds to the requester or another. */
export const importedAttestation = (times: {
  readonly assignedAtMs: number;
  readonly expiresAtMs: number;
  readonly receivedAtMs: number;
}) => ({
  isSigned: true,
  nonce: null,
  isNonceUsed: false,
  ...times,
  owner: "contributor",
  requesterOwner: "requester",
  taskOwners: [],
  acceptedOfOwner: 0,
});
