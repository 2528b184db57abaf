-- A Kanban board and everything that is ever done to it, one named statement a section. Subjects in other languages
-- read this same file, so that what differs between them is the connection's life and nothing else.

-- name: schema
CREATE TABLE IF NOT EXISTS tasks (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  body TEXT,
  status TEXT NOT NULL,
  priority INTEGER NOT NULL DEFAULT 0,
  assignee TEXT,
  created_by TEXT,
  tenant TEXT,
  workspace_kind TEXT NOT NULL DEFAULT 'scratch',
  workspace_path TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER,
  scheduled_at INTEGER,
  claim_lock TEXT,
  claim_expires INTEGER,
  worker_pid INTEGER,
  last_heartbeat_at INTEGER,
  max_runtime_seconds INTEGER,
  max_retries INTEGER NOT NULL DEFAULT 3,
  attempts INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  block_reason TEXT,
  result TEXT,
  summary TEXT,
  current_run_id INTEGER,
  idempotency_key TEXT
);
CREATE TABLE IF NOT EXISTS links (
  parent_id TEXT NOT NULL REFERENCES tasks(id),
  child_id TEXT NOT NULL REFERENCES tasks(id),
  PRIMARY KEY (parent_id, child_id)
);
CREATE TABLE IF NOT EXISTS comments (
  id INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL REFERENCES tasks(id),
  author TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL REFERENCES tasks(id),
  run_id INTEGER,
  kind TEXT NOT NULL,
  payload TEXT,
  created_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS runs (
  id INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL REFERENCES tasks(id),
  writer TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE TABLE IF NOT EXISTS notify_subscriptions (
  id INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL REFERENCES tasks(id),
  channel TEXT NOT NULL,
  last_event_id INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS acknowledgements (
  writer TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (writer, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tasks_by_status ON tasks(status, priority DESC, created_at);
CREATE INDEX IF NOT EXISTS tasks_by_assignee ON tasks(assignee, status);
CREATE INDEX IF NOT EXISTS tasks_by_claim ON tasks(claim_expires) WHERE claim_expires IS NOT NULL;
CREATE INDEX IF NOT EXISTS tasks_by_idempotency ON tasks(idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS links_by_child ON links(child_id);
CREATE INDEX IF NOT EXISTS comments_by_task ON comments(task_id, created_at);
CREATE INDEX IF NOT EXISTS events_by_task ON events(task_id, id);
CREATE INDEX IF NOT EXISTS runs_by_task ON runs(task_id, started_at);
CREATE INDEX IF NOT EXISTS subscriptions_by_task ON notify_subscriptions(task_id);

-- name: insert_task
INSERT INTO tasks (id, title, body, status, priority, assignee, created_by, created_at, max_runtime_seconds, idempotency_key)
VALUES (:id, :title, :body, :status, :priority, :assignee, 'walsoak', :now, 3600, :id);

-- name: insert_link
INSERT INTO links (parent_id, child_id) VALUES (:parent, :child);

-- name: insert_subscription
INSERT INTO notify_subscriptions (task_id, channel) VALUES (:task, :channel);

-- name: acknowledge
INSERT INTO acknowledgements (writer, seq) VALUES (:writer, :seq);

-- name: acknowledged_rows
SELECT writer, seq FROM acknowledgements ORDER BY writer, seq;

-- name: insert_event
INSERT INTO events (task_id, run_id, kind, payload, created_at) VALUES (:task, :run, :kind, :payload, :now);

-- The dispatch pass, in this order.

-- name: expired_claims
SELECT id FROM tasks WHERE status IN ('running', 'review-running') AND claim_expires IS NOT NULL AND claim_expires < :now ORDER BY id;

-- name: release_task
UPDATE tasks SET status = CASE status WHEN 'review-running' THEN 'review' ELSE 'ready' END, claim_lock = NULL, claim_expires = NULL,
  worker_pid = NULL, failures = failures + 1, last_error = :reason
WHERE id = :id AND status IN ('running', 'review-running');

-- name: close_open_runs
UPDATE runs SET status = :status, ended_at = :now WHERE task_id = :task AND ended_at IS NULL;

-- name: stale_workers
SELECT id FROM tasks WHERE status IN ('running', 'review-running') AND last_heartbeat_at IS NOT NULL AND last_heartbeat_at < :before ORDER BY id;

-- name: running_workers
SELECT id, worker_pid, claim_lock FROM tasks WHERE status IN ('running', 'review-running') AND worker_pid IS NOT NULL ORDER BY id;

-- name: overrunning
SELECT id FROM tasks WHERE status IN ('running', 'review-running') AND started_at + max_runtime_seconds < :now ORDER BY id;

-- name: promotable
SELECT t.id FROM tasks t
WHERE t.status IN ('todo', 'blocked') AND t.block_reason IS NULL
  AND NOT EXISTS (SELECT 1 FROM links l JOIN tasks p ON p.id = l.parent_id WHERE l.child_id = t.id AND p.status <> 'done')
ORDER BY t.id;

-- name: promote
UPDATE tasks SET status = 'ready' WHERE id = :id;

-- name: candidates
SELECT id FROM tasks WHERE status = :status AND attempts < max_retries + 1 ORDER BY priority DESC, created_at, id;

-- name: claim
UPDATE tasks SET status = CASE status WHEN 'review' THEN 'review-running' ELSE 'running' END, claim_lock = :writer, claim_expires = :expires,
  started_at = :now, last_heartbeat_at = :now, attempts = attempts + 1
WHERE id = :id AND status = :status AND claim_lock IS NULL;

-- name: insert_run
INSERT INTO runs (task_id, writer, status, started_at) VALUES (:task, :writer, 'running', :now);

-- name: set_run
UPDATE tasks SET current_run_id = :run WHERE id = :id;

-- name: set_workspace
UPDATE tasks SET workspace_path = :path WHERE id = :id;

-- name: set_worker_pid
UPDATE tasks SET worker_pid = :pid WHERE id = :id;

-- name: claim_of
SELECT 1 FROM tasks WHERE id = :id AND claim_lock = :writer;

-- Probe, triage, notifier.

-- name: spawnable
SELECT 1 FROM tasks WHERE status IN ('ready', 'review') AND attempts < max_retries + 1 LIMIT 1;

-- name: triage
SELECT id, title, body FROM tasks WHERE status = 'triage' ORDER BY priority DESC, created_at, id;

-- name: subscriptions
SELECT id, task_id, channel, last_event_id FROM notify_subscriptions ORDER BY id;

-- name: unseen_events
SELECT id, kind, payload FROM events WHERE task_id = :task AND id > :last ORDER BY id;

-- Slash commands and the dashboard.

-- name: slash_add
INSERT INTO tasks (id, title, body, status, created_by, created_at, max_runtime_seconds) VALUES (:id, :title, 'added by a slash command', 'ready', 'slash', :now, 3600);

-- name: status_counts
SELECT status, count(*) FROM tasks GROUP BY status ORDER BY status;

-- name: recent_events
SELECT id, task_id, kind, payload FROM events ORDER BY id DESC LIMIT 50;

-- Outside writers: what the command line and agents do.

-- name: outside_add
INSERT INTO tasks (id, title, body, status, created_by, created_at, max_runtime_seconds) VALUES (:id, :title, 'added from outside', 'ready', 'outside', :now, 3600);

-- name: outside_comment
INSERT INTO comments (task_id, author, body, created_at) SELECT id, :author, :body, :now FROM tasks ORDER BY id LIMIT 1;

-- name: outside_finish
UPDATE tasks SET status = 'done', completed_at = :now, result = :result
WHERE id = (SELECT id FROM tasks WHERE status IN ('ready', 'todo', 'triage') ORDER BY id LIMIT 1);

-- The worker.

-- name: worker_claim
UPDATE tasks SET claim_expires = :expires, last_heartbeat_at = :now WHERE id = :id AND claim_lock = :writer;

-- name: worker_heartbeat
UPDATE tasks SET claim_expires = :expires, last_heartbeat_at = :now WHERE id = :id AND claim_lock = :writer;

-- name: worker_comment
INSERT INTO comments (task_id, author, body, created_at) VALUES (:task, :author, :body, :now);

-- name: worker_complete
UPDATE tasks SET status = CASE status WHEN 'review-running' THEN 'done' WHEN 'running' THEN CASE WHEN assignee = 'reviewed' THEN 'review' ELSE 'done' END ELSE status END,
  completed_at = :now, result = :result, claim_lock = NULL, claim_expires = NULL, worker_pid = NULL
WHERE id = :id AND claim_lock = :writer;

-- A board that was somebody else's before (board_template).

-- name: release_all_claims
UPDATE tasks SET status = CASE status WHEN 'review-running' THEN 'review' WHEN 'running' THEN 'ready' ELSE status END, claim_lock = NULL,
  claim_expires = NULL, worker_pid = NULL
WHERE status IN ('running', 'review-running') OR claim_lock IS NOT NULL OR worker_pid IS NOT NULL;
