-- What does each entry add, in whole numbers, to the areas it counts in? The one definition of every count.
--
-- period is a calendar year, 0 when the source gives no date; a year's stock is the sum of the periods up to it.
-- Only published entries count. Money is in minor units; in-kind and labour stay apart from money by their part.

CREATE OR REPLACE VIEW okruga.fact AS
WITH live AS NOT MATERIALIZED (
  SELECT id, register, coalesce(theme, '') AS theme, status, ends_on,
         coalesce(extract(year FROM begins_on), 0)::smallint AS began,
         coalesce(extract(year FROM ends_on), 0)::smallint AS ended
  FROM okruga.entry WHERE moderation_state = 'published'
), answered AS NOT MATERIALIZED (
  -- a need is answered by the first of its projects to be done, or by statement when that has a date; nothing is
  -- answered before it is reported
  SELECT n.id, n.theme, n.began, n.status, r.priority,
         CASE WHEN d.done IS NOT NULL THEN greatest(n.began, d.done) END::smallint AS by_project,
         CASE WHEN n.status = 'answered' AND n.ends_on IS NOT NULL
              THEN greatest(n.began, n.ended) END::smallint AS by_statement,
         -- a need is taken up by the first live project that is to answer it
         CASE WHEN u.begun IS NOT NULL THEN greatest(n.began, u.begun) END::smallint AS taken_up
  FROM live n
  JOIN okruga.need r ON r.entry_id = n.id
  LEFT JOIN LATERAL (
    SELECT coalesce(min(p.ended) FILTER (WHERE p.ended > 0), 0) AS done
    FROM okruga.project_need pn JOIN live p ON p.id = pn.project_id
    WHERE pn.need_id = n.id AND p.status IN ('completed', 'reported')
    HAVING count(*) > 0
  ) d ON true
  LEFT JOIN LATERAL (
    SELECT min(p.began) AS begun
    FROM okruga.project_need pn JOIN live p ON p.id = pn.project_id
    WHERE pn.need_id = n.id AND p.status NOT IN ('cancelled', 'not_selected')
  ) u ON true
  WHERE n.register = 'need'
)
SELECT n.id AS entry_id, f.measure, n.theme, f.period, f.part, 1::bigint AS amount
FROM answered n CROSS JOIN LATERAL (VALUES
  ('needs_reported', n.began, n.priority, n.status <> 'rejected'),
  ('needs_rejected', n.began, '', n.status = 'rejected'),
  ('needs_answered', least(n.by_project, n.by_statement), n.priority,
   n.status <> 'rejected' AND coalesce(n.by_project, n.by_statement) IS NOT NULL),
  ('needs_answered_project', n.by_project, '', n.status <> 'rejected' AND n.by_project IS NOT NULL),
  ('needs_answered_stated', n.by_statement, '', n.status <> 'rejected' AND n.by_statement IS NOT NULL),
  ('needs_answered_undated', n.began, '', n.status = 'answered' AND coalesce(n.by_project, n.by_statement) IS NULL),
  ('needs_taken_up', least(n.taken_up, n.by_project, n.by_statement), '',
   n.status <> 'rejected' AND coalesce(n.taken_up, n.by_project, n.by_statement) IS NOT NULL),
  ('needs_underway', n.began, '', n.status IN ('planned', 'in_progress') AND n.by_project IS NULL)
) AS f (measure, period, part, holds) WHERE f.holds
UNION ALL
SELECT p.id, f.measure, p.theme, f.period, f.part, 1
FROM live p CROSS JOIN LATERAL (VALUES
  ('projects', p.began, p.status, true),
  ('projects_done', p.ended, '', p.status IN ('completed', 'reported'))
) AS f (measure, period, part, holds) WHERE p.register = 'project' AND f.holds
UNION ALL
SELECT p.id, 'funding_minor', p.theme, p.began, f.funding_source || ':' || coalesce(r.currency, 'RUB'), f.amount_minor
FROM live p JOIN okruga.project r ON r.entry_id = p.id JOIN okruga.project_funding f ON f.entry_id = p.id
WHERE p.register = 'project'
UNION ALL
SELECT v.id, f.measure, v.theme, v.began, f.part, f.amount
FROM live v JOIN okruga.event r ON r.entry_id = v.id
LEFT JOIN LATERAL (SELECT true AS known FROM okruga.event_channel c WHERE c.entry_id = v.id LIMIT 1) k ON true
CROSS JOIN LATERAL (VALUES
  ('events', r.event_kind, 1::bigint, true),
  ('events_counted', r.event_kind, 1, r.participants IS NOT NULL),
  ('participants', r.event_kind, r.participants, r.participants IS NOT NULL),
  ('events_channels_known', '', 1, k.known),
  ('participants_channels_known', '', r.participants, k.known AND r.participants IS NOT NULL)
) AS f (measure, part, amount, holds) WHERE v.register = 'event' AND f.holds
UNION ALL
SELECT v.id, 'channel_uses', v.theme, v.began, c.channel, c.participants
FROM live v JOIN okruga.event_channel c ON c.entry_id = v.id
UNION ALL
SELECT o.id, 'organisations', o.theme, o.began, r.organisation_kind, 1
FROM live o JOIN okruga.organisation r ON r.entry_id = o.id;

-- The areas an entry counts in: each boundary version once however many places lie in it, and the H3 cells. What
-- residents ask for and take part in under a sensitive theme counts in wide territories only.
CREATE OR REPLACE VIEW okruga.counted_area AS
SELECT p.entry_id, a.area_id::bigint AS area_id
  FROM okruga.place p CROSS JOIN LATERAL unnest(p.placed) AS a(area_id)
  WHERE NOT EXISTS (SELECT FROM okruga.sensitive x WHERE x.entry_id = p.entry_id)
     OR EXISTS (SELECT FROM okruga.wide_boundary w WHERE w.id = a.area_id)
UNION
SELECT p.entry_id, p.hex_8 FROM okruga.place p WHERE p.hex_8 IS NOT NULL
  AND NOT EXISTS (SELECT FROM okruga.sensitive x WHERE x.entry_id = p.entry_id);
