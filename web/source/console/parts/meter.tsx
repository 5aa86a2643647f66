interface MeterProps {
  readonly label: string;
  readonly value: number;
  readonly max: number;
}

/** How much of something there is. It is drawn, as a style of its own width would need leave of the security policy. */
export function Meter({ label, value, max }: MeterProps) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <svg
      class="meter"
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${Math.round(share * 100)}%`}
    >
      <rect class="meter-whole" width="100" height="4" />
      <rect class="meter-part" width={share * 100} height="4" />
    </svg>
  );
}
