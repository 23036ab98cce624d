const { spawn } = require('node:child_process');

const FORWARDED = process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A terminal's Ctrl-C reaches the child by itself, for it is in our process group; sent on, it would come twice. */
const inTerminal = () => [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);

/**
 * Runs a child to its end, passing signals on; we never end before it.
 * Resolves to its exit code or signal, the last signal we got meanwhile, and what it wrote if stdio was 'pipe'.
 */
function run(command, args, { env, cwd, stdio, started }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: stdio === 'pipe' ? ['ignore', 'pipe', 'pipe'] : stdio });
    let output = '';
    let interrupted;
    const forward = (signal) => {
      interrupted = signal;
      if (signal !== 'SIGINT' || !inTerminal()) child.kill(signal);
    };
    const collect = (chunk) => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    for (const signal of FORWARDED) process.on(signal, forward);
    const settle = (finish) => {
      for (const signal of FORWARDED) process.removeListener(signal, forward);
      finish();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('close', (code, signal) => settle(() => resolve({ code, signal, interrupted, output })));
    if (child.pid) started?.(child.pid);
  });
}

/** Ends this process the way its child ended, so that the caller sees the same exit code or signal. */
function endAs({ code, signal }) {
  if (signal) process.kill(process.pid, signal);
  else process.exitCode = code ?? 1;
}

module.exports = { endAs, run };
