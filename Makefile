# The steps of .ci/run under the same names.
STEPS = fmt vet staticcheck modules peers test race fuzz

.PHONY: all $(STEPS)
all: $(STEPS)
$(STEPS):
	@bash .ci/run $@
