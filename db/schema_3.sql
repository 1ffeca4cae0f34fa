-- What version 3 adds to the store: inputs that share a deadline, and answers that are right when
-- the label is among the best few.

ALTER TABLE profile ADD COLUMN top INTEGER NOT NULL DEFAULT 1;  -- the label is among so many best
ALTER TABLE trace ADD COLUMN top INTEGER NOT NULL DEFAULT 1;

-- 'group': the inputs of a group arrive together, every period_s a group, and share deadline_s.
ALTER TABLE run ADD COLUMN deadline_per TEXT NOT NULL DEFAULT 'input'
    CHECK (deadline_per IN ('input', 'group'));

ALTER TABLE input ADD COLUMN group_id INTEGER;  -- 0, 1, 2, ...; null: a deadline of its own

ALTER TABLE replay ADD COLUMN groups INTEGER;       -- null: no shared deadline
ALTER TABLE replay ADD COLUMN groups_late INTEGER;  -- of which an input missed the deadline

-- The groups of a trace's inputs, where its data has groups.
CREATE TABLE trace_group (
    trace_id INTEGER NOT NULL REFERENCES trace,
    first INTEGER NOT NULL,         -- n of its first input
    inputs INTEGER NOT NULL CHECK (inputs > 0),
    PRIMARY KEY (trace_id, first)
) WITHOUT ROWID;

DROP VIEW run_input;
CREATE VIEW run_input AS
SELECT i.run_id AS run, r.label, i.n, m.name AS model, i.stage, ps.name AS power_setting,
       i.deadline_s, i.latency_s, i.response_s, i.met_deadline, i.energy_j,
       i.accuracy_expected, i.correct, i.deadline_probability, i.xi_mean, i.xi_std,
       i.idle_ratio, i.decision_s, i.stage_limit, i.environment, i.group_id
FROM input i
JOIN run r ON r.id = i.run_id
JOIN model m ON m.id = i.model_id
JOIN power_setting ps ON ps.id = i.setting_id;

-- One row per group of a run whose inputs share deadlines.
CREATE VIEW run_group AS
SELECT i.run_id AS run, r.label, i.group_id, count(*) AS inputs,
       sum(i.met_deadline) AS answered, sum(i.met_deadline) < count(*) AS late,
       max(i.response_s) AS response_s, sum(i.energy_j) AS energy_j, sum(i.correct) AS correct
FROM input i
JOIN run r ON r.id = i.run_id
WHERE i.group_id IS NOT NULL
GROUP BY i.run_id, i.group_id;
