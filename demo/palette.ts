/** Ten colours for classes, far apart for most eyes, on light and dark ground alike (after Tableau 10). */
export const classColors = [
  "#4e79a7",
  "#f28e2b",
  "#59a14f",
  "#e15759",
  "#b07aa1",
  "#edc948",
  "#76b7b2",
  "#ff9da7",
  "#9c755f",
  "#8a8f98",
] as const;
