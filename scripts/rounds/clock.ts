/** Durations as somebody who waits reads them. */

/** 45 s is 0:45, 7:12 minutes, 3:05:00 hours; from two days on in days. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 2 * 86_400) return `${Math.round(whole / 86_400)} days`;
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
