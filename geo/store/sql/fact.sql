-- What does each entry add, in whole numbers, to the areas it counts in? The one definition of every count.
--
-- period is a calendar year, 0 when the source gives no date; a year's stock is the sum of the periods up to it.
-- Only published entries count. Money is in minor units; in-kind and labour stay apart from money by their part.

CREATE OR REPLACE VIEW okruga.fact AS
WITH live AS NOT MATERIALIZED (
  SELECT id, register, coalesce(theme, '') AS theme, status,
         coalesce(extract(year FROM begins_on), 0)::smallint AS began,
         coalesce(extract(year FROM ends_on), 0)::smallint AS ended,
         begins_on, ends_on
  FROM okruga.entry WHERE moderation_state = 'published'
), answered AS NOT MATERIALIZED (
  -- a need is answered by the first of its projects to be done, or by statement when that has a date; nothing is
  -- answered before it is reported
  SELECT n.id, n.theme, n.began, n.status, r.priority,
         CASE WHEN d.done IS NOT NULL THEN greatest(n.began, d.done) END::smallint AS by_project,
         CASE WHEN n.status = 'answered' AND n.ends_on IS NOT NULL
              THEN greatest(n.began, n.ended) END::smallint AS by_statement
  FROM live n
  JOIN okruga.need r ON r.entry_id = n.id
  LEFT JOIN LATERAL (
    SELECT coalesce(min(p.ended) FILTER (WHERE p.ended > 0), 0) AS done
    FROM okruga.project_need pn JOIN live p ON p.id = pn.project_id
    WHERE pn.need_id = n.id AND p.status IN ('completed', 'reported')
    HAVING count(*) > 0
  ) d ON true
  WHERE n.register = 'need'
)
SELECT id AS entry_id, 'needs_reported' AS measure, theme, began AS period, priority AS part, 1::bigint AS amount
  FROM answered WHERE status <> 'rejected'
UNION ALL
SELECT id, 'needs_rejected', theme, began, '', 1 FROM answered WHERE status = 'rejected'
UNION ALL
SELECT id, 'needs_answered', theme, least(by_project, by_statement), priority, 1
  FROM answered WHERE status <> 'rejected' AND coalesce(by_project, by_statement) IS NOT NULL
UNION ALL
SELECT id, 'needs_answered_project', theme, by_project, '', 1
  FROM answered WHERE status <> 'rejected' AND by_project IS NOT NULL
UNION ALL
SELECT id, 'needs_answered_stated', theme, by_statement, '', 1
  FROM answered WHERE status <> 'rejected' AND by_statement IS NOT NULL
UNION ALL
SELECT id, 'needs_answered_undated', theme, began, '', 1
  FROM answered WHERE status = 'answered' AND coalesce(by_project, by_statement) IS NULL
UNION ALL
SELECT id, 'needs_underway', theme, began, '', 1
  FROM answered WHERE status IN ('planned', 'in_progress') AND by_project IS NULL
UNION ALL
SELECT p.id, 'projects', p.theme, p.began, p.status, 1 FROM live p WHERE p.register = 'project'
UNION ALL
SELECT p.id, 'projects_done', p.theme, p.ended, '', 1
  FROM live p WHERE p.register = 'project' AND p.status IN ('completed', 'reported')
UNION ALL
SELECT p.id, 'funding_minor', p.theme, p.began, f.funding_source || ':' || coalesce(r.currency, 'RUB'), f.amount_minor
  FROM live p JOIN okruga.project r ON r.entry_id = p.id JOIN okruga.project_funding f ON f.entry_id = p.id
  WHERE p.register = 'project'
UNION ALL
SELECT v.id, 'events', v.theme, v.began, r.event_kind, 1
  FROM live v JOIN okruga.event r ON r.entry_id = v.id
UNION ALL
SELECT v.id, 'events_counted', v.theme, v.began, r.event_kind, 1
  FROM live v JOIN okruga.event r ON r.entry_id = v.id WHERE r.participants IS NOT NULL
UNION ALL
SELECT v.id, 'participants', v.theme, v.began, r.event_kind, r.participants
  FROM live v JOIN okruga.event r ON r.entry_id = v.id WHERE r.participants IS NOT NULL
UNION ALL
SELECT v.id, 'channel_uses', v.theme, v.began, c.channel, c.participants
  FROM live v JOIN okruga.event_channel c ON c.entry_id = v.id
UNION ALL
SELECT v.id, 'events_channels_known', v.theme, v.began, '', 1
  FROM live v WHERE EXISTS (SELECT FROM okruga.event_channel c WHERE c.entry_id = v.id)
UNION ALL
SELECT v.id, 'participants_channels_known', v.theme, v.began, '', r.participants
  FROM live v JOIN okruga.event r ON r.entry_id = v.id
  WHERE r.participants IS NOT NULL AND EXISTS (SELECT FROM okruga.event_channel c WHERE c.entry_id = v.id)
UNION ALL
SELECT o.id, 'organisations', o.theme, o.began, r.organisation_kind, 1
  FROM live o JOIN okruga.organisation r ON r.entry_id = o.id;

-- The areas an entry counts in: each boundary version once however many places lie in it, and the H3 cells.
CREATE OR REPLACE VIEW okruga.counted_area AS
SELECT p.entry_id, a.area_id::bigint AS area_id
  FROM okruga.place p CROSS JOIN LATERAL unnest(p.placed) AS a(area_id)
UNION
SELECT p.entry_id, p.hex_8 FROM okruga.place p WHERE p.hex_8 IS NOT NULL;
