/** The control API of the sandbox, and its stream of events. */

/** Calls the API and returns its answer; throws an Error with the sandbox's own sentence. */
export async function call(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const response = await fetch(`api/${path}`, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `HTTP ${response.status}`);
  return answer;
}

/** Posts to the API. */
export const post = (path, body = {}) => call("POST", path, body);

/** Uploads a file and returns its record. */
export async function upload(file, pasted) {
  const query = new URLSearchParams({ name: file.name || "image.png", pasted: String(pasted) });
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  const response = await fetch(`api/uploads?${query}`, { method: "POST", body: file, headers });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

/** Follows the events behind a cursor; `connected` is told when the line goes down and up. */
export function follow(cursor, heard, connected) {
  const source = new EventSource(`api/events?cursor=${encodeURIComponent(cursor)}`);
  source.onopen = () => connected(true);
  source.onerror = () => connected(false);
  source.onmessage = (event) => heard(JSON.parse(event.data));
  return source;
}
