-- Whether every trigger that ends sessions exists, calls its own function, and always fires: armed() in a .sql file stands
-- for this.
NOT EXISTS (
  SELECT 1
  FROM session_triggers() AS needed (relation, name, moment, rows, function)
  WHERE NOT EXISTS (
    SELECT 1 FROM pg_trigger t
    WHERE t.tgrelid = to_regclass('public.' || needed.relation) AND t.tgname = needed.name
      AND t.tgfoid = to_regproc('public.' || needed.function) AND t.tgenabled = 'A'
  )
)
