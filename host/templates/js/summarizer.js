/** A summarizer for codewalk. `summarize` is the place to edit; `wit/` documents what it is told and what it may answer. */
export const summarizer = {
  /** Says in plain words what a session is doing. */
  summarize({ waitingFor, entries, totalEntries }) {
    // Edit here: this one says what waits for the user, and then what the agent said last.
    const sentences = waitingFor.map(({ tag, val }) =>
      tag === 'approval' ? `It asks to use ${val.tool} on ${val.subject}.` : `It asks: ${val}`,
    );
    const said = entries.findLast(({ tag }) => tag === 'agent-text' || tag === 'output');
    if (said) sentences.push(`It says: ${said.val}`);
    if (sentences.length === 0) {
      throw { tag: 'invalid-request', val: 'nothing was said yet' };
    }
    return { text: sentences.join(' '), covers: totalEntries };
  },
};
