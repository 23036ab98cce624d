declare module 'fs-native-extensions' {
  interface LockOptions {
    shared?: boolean;
  }
  /** Takes the kernel's lock on the whole open file, or returns false where another holds one that forbids it. */
  export function tryLock(fd: number, options?: LockOptions): boolean;
  /** Makes an exclusive lock a shared one without letting go in between. */
  export function tryDowngradeLock(fd: number): boolean;
}
