-- On a server in another time zone, instants were written as UTC without their offset, and taken for local time. From now on
-- Gatehouse's connections are in UTC; this one is still in the zone that they were in, and puts right what it made of them.
DO $$
DECLARE
  zone text := current_setting('TimeZone');
  one record;
BEGIN
  IF zone IN ('UTC', 'Etc/UTC', 'GMT') THEN
    RETURN;
  END IF;
  FOR one IN
    SELECT table_name, string_agg(format('%1$I = (%1$I AT TIME ZONE %2$L) AT TIME ZONE ''UTC''', column_name, zone), ', ') AS changes
    FROM information_schema.columns
    WHERE table_schema = current_schema() AND data_type = 'timestamp with time zone' AND table_name <> '_prisma_migrations'
    GROUP BY table_name
  LOOP
    EXECUTE format('UPDATE %I SET %s', one.table_name, one.changes);
  END LOOP;
END
$$;
