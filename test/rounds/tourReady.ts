/** Loaded before `plumbline`: has it ready, and lets it begin once it is told on standard input what was typed. */
import { readFileSync } from 'node:fs';
import '../../scripts/program';

const words: string[] = JSON.parse(readFileSync(0, 'utf8') || '["--version"]');
process.argv.push(...words);
