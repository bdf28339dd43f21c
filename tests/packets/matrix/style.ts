/** Styles of the terminal that the matrix is painted with. */
export type StyleName = "bold" | "dim" | "green" | "yellow" | "red";
