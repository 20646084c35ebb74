/** A router for codewalk. `route` is the place to edit; `wit/` documents what it is told and what it may answer. */
export const router = {
  /** Finds out what a wish means. It only proposes: a person is asked before anything starts. */
  route({ utterance, agents, projects }) {
    // Edit here: this one takes every wish for work for the default agent, in the project that the wish names.
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
      reason: 'every wish is work',
    };
  },
};
