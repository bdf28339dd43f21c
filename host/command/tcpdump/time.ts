// Times of frames as people read them.

const two = (value: number): string => String(value).padStart(2, "0");

/** 08:01:44.123456, local time. */
export function clockText(timeUs: number): string {
  const whole = Math.floor(timeUs);
  const date = new Date(Math.floor(whole / 1000));
  const micros = String(whole % 1_000_000).padStart(6, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${micros}`;
}

/** Seconds since another moment: 0.000000. */
export const sinceText = (us: number): string => (us / 1e6).toFixed(6);
