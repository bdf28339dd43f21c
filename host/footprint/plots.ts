// Plots as SVG that stands in a page: colours are the page's variables, so that it follows light and dark.

export interface Bar {
  readonly name: string;
  /** One for each series. */
  readonly values: readonly number[];
}

const WIDTH = 860;
const NAME_WIDTH = 210;
const SUM_WIDTH = 80;
const BAR = 18;
const GAP = 10;
const AXIS = 26;
const TICKS = 5;
/** Narrower parts have no number in them. */
const LABEL_WIDTH = 44;

export const escapeText = (text: string): string =>
  text.replace(
    /[&<>"]/g,
    (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]!,
  );

const count = (value: number) => value.toLocaleString("en-US");
const place = (value: number) => value.toFixed(1).replace(/\.0$/, "");

/** Steps of 1, 2 or 5 times a power of ten. */
export function niceStep(most: number, ticks = TICKS): number {
  const rough = Math.max(most, 1) / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
}

function svg(height: number, about: string, parts: readonly string[]): string {
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeText(about)}">`,
    ...parts,
    "</svg>",
  ].join("\n");
}

const text = (x: number, y: number, words: string, kind = "", anchor = "start") =>
  `<text x="${place(x)}" y="${place(y)}" class="${kind}" text-anchor="${anchor}">${escapeText(words)}</text>`;

/** Horizontal bars of stacked parts, each with its sum. */
export function stackedBars(
  about: string,
  series: readonly string[],
  bars: readonly Bar[],
): string {
  const sums = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const most = Math.max(1, ...sums);
  const room = WIDTH - NAME_WIDTH - SUM_WIDTH;
  const scale = room / most;
  const bottom = bars.length * (BAR + GAP);
  const parts: string[] = [];
  const step = niceStep(most);
  for (let value = 0; value <= most; value += step) {
    const x = NAME_WIDTH + value * scale;
    parts.push(`<line class="grid" x1="${place(x)}" x2="${place(x)}" y1="0" y2="${bottom}"/>`);
    parts.push(text(x, bottom + 16, count(value), "axis", "middle"));
  }
  for (const [index, { name, values }] of bars.entries()) {
    const y = index * (BAR + GAP) + GAP / 2;
    parts.push(text(NAME_WIDTH - 8, y + 13, name, "", "end"));
    let x = NAME_WIDTH;
    for (const [which, value] of values.entries()) {
      const width = value * scale;
      if (width < 0.1) continue;
      const title = `<title>${escapeText(`${name}: ${series[which]} ${count(value)}`)}</title>`;
      parts.push(
        `<rect class="s${which}" x="${place(x)}" y="${y}" width="${place(width)}" height="${BAR}">${title}</rect>`,
      );
      if (width >= LABEL_WIDTH && values.length > 1) {
        parts.push(text(x + width / 2, y + 13, count(value), `in t${which}`, "middle"));
      }
      x += width;
    }
    parts.push(text(x + 6, y + 13, count(sums[index]!), "sum"));
  }
  return svg(bottom + AXIS, about, parts);
}

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const LEFT = 100;
const RIGHT = 200;
const HEIGHT = 240;
const LINE_HEIGHT = 14;

/** Lines with their names at their ends; both axes in powers where the range is wide. */
export function linePlot(about: string, xName: string, lines: readonly Line[]): string {
  const all = lines.flatMap(({ points }) => points);
  const mostX = Math.max(...all.map(([x]) => x));
  const values = all.map(([, y]) => y);
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  const isWide = mostX > 100;
  const across = WIDTH - LEFT - RIGHT;
  const placeX = (x: number) =>
    LEFT + across * (isWide ? Math.log2(x) / Math.log2(mostX) : (x - 1) / Math.max(1, mostX - 1));
  const placeY = (y: number) => 10 + (HEIGHT * (high - Math.log10(y))) / Math.max(1, high - low);
  const parts: string[] = [];
  for (let power = low; power <= high; power++) {
    const y = placeY(10 ** power);
    parts.push(
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${place(y)}" y2="${place(y)}"/>`,
    );
    parts.push(text(LEFT - 8, y + 4, count(10 ** power), "axis", "end"));
  }
  const marks = Array.from({ length: mostX }, (_, index) => index + 1).filter((x) =>
    isWide ? Number.isInteger(Math.log2(x)) : true,
  );
  for (const x of marks) parts.push(text(placeX(x), HEIGHT + 28, count(x), "axis", "middle"));
  parts.push(text(WIDTH - RIGHT + 30, HEIGHT + 28, xName, "axis"));
  for (const [which, { name, points }] of lines.entries()) {
    const path = points.map(([x, y]) => `${place(placeX(x))},${place(placeY(y))}`).join(" ");
    parts.push(`<polyline class="l${which}" points="${path}"/>`);
    if (points.length <= 16) {
      for (const [x, y] of points) {
        const title = `<title>${escapeText(`${name}, ${x}: ${count(y)}`)}</title>`;
        parts.push(
          `<circle class="s${which}" cx="${place(placeX(x))}" cy="${place(placeY(y))}" r="3.5">${title}</circle>`,
        );
      }
    }
  }
  // Names of lines that end close together stand below each other.
  let lowest = -Infinity;
  const ends = lines.map(({ name, points }) => ({ name, end: points.at(-1)! }));
  for (const { name, end } of [...ends].sort((a, b) => b.end[1] - a.end[1])) {
    const y = Math.max(placeY(end[1]) + 4, lowest + LINE_HEIGHT);
    parts.push(text(placeX(end[0]) + 8, y, `${name}: ${count(end[1])}`));
    lowest = y;
  }
  return svg(HEIGHT + 40, about, parts);
}
