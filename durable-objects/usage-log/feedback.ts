// Feedback on the month's decisions. Kept as long as the rows it speaks of; a prompt is here only because its
// caller sent it for this.
import type { Feedback, FeedbackPlace } from "../../src/domain/feedback.ts";

/** True where there was none before. */
export function putFeedback(sql: SqlStorage, feedback: Feedback): boolean {
  const { decision_id } = feedback;
  const before = sql.exec("SELECT 1 FROM feedback WHERE decision_id = ?", decision_id).toArray();
  sql.exec(
    `INSERT OR REPLACE INTO feedback(
       decision_id, created_at_ms, model, task, rating, correct, preferred_model, prompt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    decision_id,
    feedback.created_at_ms,
    feedback.model,
    feedback.task,
    feedback.rating,
    feedback.correct === null ? null : Number(feedback.correct),
    feedback.preferred_model,
    feedback.prompt,
  );
  return before.length === 0;
}

/** False where there was none. */
export function deleteFeedback(sql: SqlStorage, decisionId: string): boolean {
  return sql.exec("DELETE FROM feedback WHERE decision_id = ?", decisionId).rowsWritten > 0;
}

/** As many prompts of 32 KB are 16 MB; an RPC carries 32 MiB. */
const MAX_ROWS = 500;

/** Oldest first, from behind the place on. */
export function listFeedback(
  sql: SqlStorage,
  limit: number,
  after: FeedbackPlace | null,
): readonly Feedback[] {
  const found = sql.exec(
    `SELECT * FROM feedback WHERE (created_at_ms, decision_id) > (?, ?)
     ORDER BY created_at_ms, decision_id LIMIT ?`,
    after?.createdAtMs ?? 0,
    after?.decisionId ?? "",
    Math.min(limit, MAX_ROWS),
  );
  return found.toArray().map(feedbackOf);
}

function feedbackOf(row: Record<string, SqlStorageValue>): Feedback {
  return {
    decision_id: String(row.decision_id),
    created_at_ms: Number(row.created_at_ms),
    model: String(row.model),
    task: textOrNull(row.task),
    rating: row.rating === null ? null : Number(row.rating),
    correct: row.correct === null ? null : row.correct === 1,
    preferred_model: textOrNull(row.preferred_model),
    prompt: textOrNull(row.prompt),
  };
}

function textOrNull(value: SqlStorageValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}
