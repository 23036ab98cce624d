/** A failure told to the person as it is, without a stack: what was wrong, and what to do. */
class BootstrapError extends Error {
  constructor(message, hint, exitCode = 1) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }

  /** We were asked to end while a child was at work: not a fault, only passed on once the child has ended. */
  static interrupted(signal) {
    const error = new BootstrapError(`interrupted by ${signal}`);
    error.signal = signal;
    return error;
  }
}

module.exports = { BootstrapError };
