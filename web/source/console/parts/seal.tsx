/** The mark, as on the contributor's pages. */
export const Seal = () => (
  <svg class="seal" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path
      class="seal-edge"
      d="M16 1.500l3.600 2.700 4.500-.4 1.600 4.200 4 2.100-1 4.400 1.700 4.200-3.400 2.900-.5 4.500-4.500.6-2.700 3.600L16 28.500l-3.300 1.800-2.700-3.600-4.500-.6-.5-4.500-3.400-2.900 1.700-4.200-1-4.400 4-2.100 1.600-4.200 4.500.4z"
    />
    <path class="seal-tick" d="M10 16.500l4.300 4.200L22.500 12" />
  </svg>
);
