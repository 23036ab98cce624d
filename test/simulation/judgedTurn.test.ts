/** Simulated people judge what is to be judged: an earlier turn of a talk, where the round says so. */
import { Leased, ShownItem } from '../../simulation/people/shapes';

const asks = (content: string) => ({ role: 'user', content });
const says = (content: string) => ({ role: 'assistant', content });
const form = { name: 'verdict', questions: [] };
const talk = { messages: [asks('a'), says('1'), asks('b'), says('2'), asks('c')], completion: '3' };

test('of a talk in which an earlier turn is judged, they read the talk up to it', () => {
  const assignment = { id: 'x', leaseExpiresAt: '2026-11-21T00:00:00.000Z' };
  const judged = { messages: [asks('a'), says('1'), asks('b')], completion: '2' };
  expect(Leased.parse({ assignment, item: { ...talk, judgeTurn: 3 }, form }).item).toMatchObject(judged);
  expect(ShownItem.parse({ ...talk, judgeTurn: 3, form })).toMatchObject(judged);
});

test('of any other they read all of it', () => {
  expect(ShownItem.parse({ ...talk, form })).toEqual({ ...talk, form });
});
