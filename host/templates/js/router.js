/** A router for codewalk. Edit `route`; `wit/` documents its requests and answers. */
export const router = {
  /** Determines the intent of a request. It only makes a proposal: the user confirms before anything starts. */
  route({ utterance, agents, projects }) {
    // Edit here: this router treats every request as work for the default agent, in the project that the request names.
    const agent = agents.find((agent) => agent.default);
    if (!agent) {
      throw { tag: 'invalid-request', val: 'no agent is configured' };
    }
    const words = utterance.split(/\s+/);
    const project = projects.find(({ name }) => words.includes(name));
    return {
      intent: { tag: 'launch', val: { agent: agent.name, project: project?.name, prompt: utterance } },
      confidence: 60,
      candidates: [],
      reason: 'every request is work',
    };
  },
};
