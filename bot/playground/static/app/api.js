// Questions to the playground's server. Every answer is an object; trouble becomes {ok: false, error}.

const json = { "Content-Type": "application/json" };

/** POST to /play/… with a JSON body. Never throws: no answer is an answer with `error`. */
export async function post(path, body) {
  try {
    const response = await fetch(`/play/${path}`, {
      method: "POST",
      headers: json,
      body: JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return { ok: true, ...answer };
    return { ok: false, error: `http_${response.status}`, ...answer };
  } catch {
    return { ok: false, error: "playground_not_reachable" };
  }
}

/** GET from /play/…; throws when there is no good answer. */
export async function get(path, query = {}) {
  const response = await fetch(`/play/${path}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
  return response.json();
}

const SENTENCES = {
  operation_timeout: "Sendwatch did not answer within 3 seconds (operation_timeout).",
  dispatch_failed: "Sendwatch could not be reached (dispatch_failed).",
  app_not_connected: "Sendwatch is not connected to the playground.",
  playground_not_reachable: "The playground is not running any more. Start it again and reload this page.",
  expired_trigger_id: "Sendwatch took too long to open its window (expired_trigger_id).",
};

/** An error code as a sentence for people; codes that are not known are shown as they are. */
export const sentence = (error) => SENTENCES[error] ?? String(error ?? "Something went wrong.");
