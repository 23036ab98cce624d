/** Before the first item: whether this labeller may work at all, and the terms that they are to agree to. */
import { harmless, harmlessLine } from '../harmless';
import type { SiteApi } from './api';
import type { Keys } from './keys';
import { page } from './pager';
import type { Screen } from './screen';
import { Agreed, Me } from './shapes';
import { notAgreed, suspended } from './troubles';
import { wrap } from './wrap';

const ASKED = 'Do you agree to these terms? y agrees, n does not';

/** @throws CommandError for somebody who is suspended or does not agree, Left, SiteAway */
export async function admitted(api: SiteApi, keys: Keys, screen: Screen): Promise<void> {
  const me = await api.get('/api/me', Me);
  // A site of an earlier version knows no terms.
  if (!me.ok) return;
  if (me.body.suspended) throw suspended();
  const { terms } = me.body;
  if (terms === null || terms.agreedAt !== null) return;
  if (!(await agrees(terms.text, keys, screen))) throw notAgreed();
  const reply = await api.post('/api/me/consent', Agreed, { body: { hash: terms.hash } });
  if (reply.ok) return screen.say('Noted: you agree to the terms.');
  // They were exchanged while they were read.
  screen.say(`${harmlessLine(reply.error.message)}.`, 'yellow');
  return admitted(api, keys, screen);
}

async function agrees(text: string, keys: Keys, screen: Screen): Promise<boolean> {
  const lines = ['The terms that you label under:', '', ...wrap(harmless(text), screen.width), ''];
  if (keys.terminal) {
    let key = await page(screen, lines, { next: () => keys.next(), atEnd: ASKED });
    while (key !== 'y' && key !== 'n' && key !== 'q') {
      screen.block(wrap(ASKED, screen.width));
      key = await keys.next();
    }
    screen.clear();
    return key === 'y';
  }
  for (const line of lines) screen.line(line);
  screen.line(`${ASKED}.`);
  for (;;) {
    const key = await keys.next();
    if (key === 'y' || key === 'n') return key === 'y';
  }
}
