import { clusterNote } from '../../domain/clusters';
import { gridOf } from '../../domain/variants';

const prompts = { sample: 100 };

test('a round in which each model answers a prompt once has no clusters', () => {
  expect(clusterNote({ prompts })).toBeNull();
  expect(clusterNote({ prompts, variants: gridOf({ temperature: [0] }), completionsPerPrompt: 1 })).toBeNull();
});

test('one with several says how many, and what that does to its intervals', () => {
  const both = clusterNote({ prompts, variants: gridOf({ temperature: [0, 1] }), completionsPerPrompt: 3 });
  expect(both).toContain('answers a prompt 6 times (2 variants × 3 completions)');
  expect(both).toContain('600 completions as independent');
  expect(both).toContain('no more than 100 completions would');
  expect(clusterNote({ prompts, completionsPerPrompt: 2 })).toContain('answers a prompt 2 times, and');
});
