import { get } from 'codewalk:config/config@0.1.0';

/**
 * Asks a service which agent should handle a request, and in which project.
 * The operator configures the service.
 */
export const router = {
  async route({ utterance, agents, projects }) {
    const baseUrl = get('base_url');
    if (!baseUrl) {
      const val = 'no service is configured; set config = { base_url = "https://..." }';
      throw { tag: 'invalid-request', val };
    }
    const { agent, project } = await ask(`${baseUrl}/route`, {
      utterance,
      agents: agents.map(({ name }) => name),
      projects: projects.map(({ name }) => name),
    });
    // The service is not trusted: only names from the request are passed on.
    if (!agents.some(({ name }) => name === agent)) {
      throw { tag: 'invalid-response', val: `${baseUrl} named an agent that is not in the request` };
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

/** Returns the answer of a service. Every failure becomes a port-error, so that the next router is asked. */
async function ask(url, question) {
  let response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
    });
  } catch (error) {
    const val = `cannot reach ${url} (${error.message}): is it running, and is access to it granted?`;
    throw { tag: 'unavailable', val };
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
