/** A summarizer for codewalk. Edit `summarize`; `wit/` documents its requests and answers. */
export const summarizer = {
  /** Says in plain words what a session is doing. */
  summarize({ waitingFor, entries, totalEntries }) {
    // Edit here: this summarizer says what is waiting for the user, and then the agent's last message.
    const sentences = waitingFor.map(({ tag, val }) =>
      tag === 'approval' ? `It asks to use ${val.tool} on ${val.subject}.` : `It asks: ${val}`,
    );
    const said = entries.findLast(({ tag }) => tag === 'agent-text' || tag === 'output');
    if (said) sentences.push(`It says: ${said.val}`);
    if (sentences.length === 0) {
      throw { tag: 'invalid-request', val: 'the session has no output yet' };
    }
    return { text: sentences.join(' '), covers: totalEntries };
  },
};
