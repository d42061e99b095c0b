/** A fault that waits until this runner serves. */
import { strike } from './strike.ts';

let armed = false;

export function arm(): void {
  armed = true;
}

export function strikeIfArmed(): void {
  if (armed) strike();
}
