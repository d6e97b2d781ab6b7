/**
 * How does the page ask the service? JSON with a time limit, errors as one kind of object.
 */

const PATIENCE = 15_000;

/** What went wrong: the status (0 when nothing answered) and the service's own sentence. */
export class Refusal extends Error {
  constructor(status, detail = "") {
    super(detail || `HTTP ${status}`);
    this.status = status;
    this.detail = detail;
  }
}

/** The answer of an address as JSON. Throws Refusal; an abort by the caller throws its AbortError. */
export async function getJSON(url, signal) {
  const answer = await ask(url, signal);
  if (!answer.ok) throw new Refusal(answer.status, await reason(answer));
  try {
    return await answer.json();
  } catch {
    throw new Refusal(answer.status);
  }
}

/** The answer of an address as bytes, or null when there is nothing at it. */
export async function getBytes(url, signal) {
  const answer = await ask(url, signal);
  if (answer.status === 204 || answer.status === 404) return null;
  if (!answer.ok) throw new Refusal(answer.status);
  return answer.arrayBuffer();
}

async function ask(url, signal) {
  const limit = AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined;
  const signals = [signal, limit].filter(Boolean);
  const either = signals.length > 1 && AbortSignal.any ? AbortSignal.any(signals) : signals[0];
  try {
    return await fetch(url, { signal: either, headers: { Accept: "application/json, */*" } });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal(0);
  }
}

async function reason(answer) {
  try {
    const problem = await answer.json();
    return String(problem.detail || problem.title || "");
  } catch {
    return "";
  }
}

/** An address from a template and a query; empty values are left out. */
export function address(template, places = {}, query = {}) {
  const path = template.replace(/\{(\w+)\}/g, (whole, name) => (name in places ? encodeURIComponent(places[name]) : whole));
  const pairs = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const search = new URLSearchParams(pairs).toString();
  return search ? `${path}?${search}` : path;
}
