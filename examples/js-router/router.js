import { get } from 'codewalk:config/config@0.1.0';

/** Asks a service of the operator's which agent is to work on a wish, and in which project. */
export const router = {
  async route({ utterance, agents, projects }) {
    const baseUrl = get('base_url');
    if (!baseUrl) {
      throw { tag: 'invalid-request', val: 'say which service to ask: config = { base_url = "https://..." }' };
    }
    const { agent, project } = await ask(`${baseUrl}/route`, {
      utterance,
      agents: agents.map(({ name }) => name),
      projects: projects.map(({ name }) => name),
    });
    // What a service says is not trusted: only names of the request go on.
    if (!agents.some(({ name }) => name === agent)) {
      throw { tag: 'invalid-response', val: `${baseUrl} named no agent that there is` };
    }
    return {
      intent: {
        tag: 'launch',
        val: { agent, project: projects.find(({ name }) => name === project)?.name, prompt: utterance },
      },
      confidence: 90,
      candidates: [],
      reason: `${baseUrl} says so`,
    };
  },
};

/** Returns what a service answers. Whatever goes wrong becomes a port-error, and the next router is asked. */
async function ask(url, question) {
  let response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
    });
  } catch (error) {
    throw { tag: 'unavailable', val: `could not ask ${url} (${error.message}): is it granted, and does it run?` };
  }
  if (!response.ok) {
    throw { tag: 'unavailable', val: `${url} answered with status ${response.status}` };
  }
  try {
    return await response.json();
  } catch {
    throw { tag: 'invalid-response', val: `${url} did not answer with JSON` };
  }
}
