# Builds migrations/*.sql into the library, so that an installed program needs no folder.

MIGRATIONS := $(sort $(wildcard migrations/*.sql))

# The folder itself is there for files that are taken away.
$(BUILD)/migrations/embedded.c: $(MIGRATIONS) migrations scripts/embed-migrations
	@mkdir -p $(@D)
	./scripts/embed-migrations $(MIGRATIONS) > $@.new
	@mv $@.new $@

$(BUILD)/migrations/embedded.o: $(BUILD)/migrations/embedded.c
	$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/libuserapi.a: $(BUILD)/migrations/embedded.o
