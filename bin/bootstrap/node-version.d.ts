/** True if a Node of this version (`v24.21.0`) can run the program. */
export function isNewEnough(version: string): boolean;
