/** Drawn here, so that nothing is loaded and they take the colour of their text. */
const paths = {
  work: "M4 5h16v10H9l-5 4z",
  find: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20",
  earnings: "M5 3h14v18l-3-2-2 2-2-2-2 2-2-2-3 2zM9 8h6M9 12h6",
  wallet:
    "M4 7.5A2.5 2.5 0 0 1 6.500 5H18v4H6.500A2.500 2.500 0 0 1 4 7.500zM4 7.500V17a3 3 0 0 0 3 3h13V9h-2M16 14.500h.01",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  check: "M5 12.5 10 17 19 7",
  cross: "M6 6 18 18M18 6 6 18",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3 2",
  guide: "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM9 9h6M9 13h4",
  undo: "M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10h-4",
  skip: "M5 5l7 7-7 7M12 5l7 7-7 7",
  offline: "M3 3l18 18M8.5 8.7A8 8 0 0 0 4 12M12 8a8 8 0 0 1 8 4M9 15.5a4 4 0 0 1 6 0M12 19h.01",
  arrow: "M5 12h14M13 6l6 6-6 6",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  place: "M12 21s7-6.5 7-11.5a7 7 0 0 0-14 0C5 14.5 12 21 12 21zM12 7a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  up: "M12 19V6M6 11l6-6 6 6",
  down: "M12 5v13M6 13l6 6 6-6",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
} as const;
export type IconName = keyof typeof paths;

export function Icon({ name, isTurned = false }: { readonly name: IconName; readonly isTurned?: boolean }) {
  return (
    <svg class={isTurned ? "icon icon-turned" : "icon"} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
