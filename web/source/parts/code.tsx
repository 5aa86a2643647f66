import { encode } from "uqr";

/** No phone reaches the loopback address of another machine. */
export const isReachable = !/^(localhost|127\.|\[::1\])/.test(location.hostname);

/** A text for the camera of a phone. */
export function Code({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, data } = encode(text, { border: 2 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return (
    <svg class="code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
