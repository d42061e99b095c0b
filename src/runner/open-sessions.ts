/**
 * The sessions that have a channel in this runner. Only their state can be written here: what a session has written is then
 * ordered before its removal, which follows the close of its channel, and nothing is left behind.
 */
const open = new Map<string, object>();

export const openSessions = {
  /** @param channel whose session it is; an earlier one of the same session does not count any more */
  opened(id: string, channel: object): void {
    open.set(id, channel);
  },

  closed(id: string, channel: object): void {
    if (open.get(id) === channel) open.delete(id);
  },

  has: (id: string): boolean => open.has(id),
};
