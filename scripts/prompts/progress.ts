/** Long work shows that it goes on. */
import type { Output } from '../output';

const TOLD_EVERY = 100_000;

/** To be called for each prompt. @param done what was done to it. */
export function counter(output: Output, done: string): () => void {
  let prompts = 0;
  return () => {
    prompts += 1;
    if (prompts % TOLD_EVERY === 0) output.note(`plumbline: ${prompts.toLocaleString('en')} prompts ${done}`);
  };
}
