# Builds src/<room>/*.sql into the library. For each room, sql.h declares the statements and sql.o contains them.

# These files are no statements, but rules that the statements use.
SQL_RULES   := src/store/folded.sql src/store/searched.sql src/store/armed.sql src/store/session_triggers.sql \
               src/store/count_triggers.sql src/store/blocks_counted.sql src/store/origin.sql \
               src/store/events_older.sql src/store/events_newer.sql \
               src/store/user_patterns.sql src/store/user_indexed.sql src/store/user_kept.sql \
               src/store/user_search_sample.sql src/store/user_search_way.sql src/operator/hash_kind.sql \
               src/operator/email_folding.sql src/operator/counter_filter.sql \
               src/operator/event_triggers.sql
SQL         := $(filter-out $(SQL_RULES),$(sort $(wildcard src/*/*.sql)))
SQL_ROOMS   := $(sort $(patsubst src/%/,$(BUILD)/sql/%,$(dir $(SQL))))
SQL_HEADERS := $(SQL_ROOMS:%=%/sql.h)

UA_CFLAGS += -I$(BUILD)/sql

.PHONY: sql always
sql: $(SQL_HEADERS)

# This file changes only when a .sql file is added, renamed or removed.
$(SQL_ROOMS:%=%/names): $(BUILD)/sql/%/names: always
	@mkdir -p $(@D)
	@echo $(filter src/$*/%,$(SQL)) | cmp -s - $@ || echo $(filter src/$*/%,$(SQL)) > $@

$(SQL_HEADERS): $(BUILD)/sql/%/sql.h: $(BUILD)/sql/%/names scripts/embed-sql
	./scripts/embed-sql header $* $(filter src/$*/%,$(SQL)) > $@.new
	@mv $@.new $@

$(SQL_ROOMS:%=%/sql.c): $(BUILD)/sql/%/sql.c: $(BUILD)/sql/%/names $(SQL) $(SQL_RULES) scripts/embed-sql
	./scripts/embed-sql source $* $(filter src/$*/%,$(SQL)) > $@.new
	@mv $@.new $@

$(SQL_ROOMS:%=%/sql.o): %.o: %.c %.h | libraries
	$(COMPILE) -MMD -MP -c -o $@ $<

$(OBJECTS): | $(SQL_HEADERS)
$(BUILD)/libuserapi.a: $(SQL_ROOMS:%=%/sql.o)
