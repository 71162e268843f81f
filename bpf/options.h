/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Values of scalar arguments: a bounded set each, made by test and then an atomic exchange. */
#ifndef RF_OPTIONS_H
#define RF_OPTIONS_H

#include "calls.h"

static __always_inline void rf_keep_value(struct rf_values *values, __u64 value)
{
	for (int i = 0; i < RF_VALUES; i++) {
		__u64 seen = values->value[i];

		if (seen == 0)
			seen = __sync_val_compare_and_swap(&values->value[i], 0, value + 1);
		if (seen == 0 || seen == value + 1)
			return;
	}
	rf_count(values->overflow);
}

/* What rf_options keeps of a call: RF_OPTION_*. */
static __always_inline __u16 rf_option_kind(__u32 abi, __u32 number)
{
	if (RF_IS_IOCTL(abi, number))
		return RF_OPTION_IOCTL;
	return RF_IS_PRCTL(abi, number) ? RF_OPTION_PRCTL : RF_OPTION_PERSONALITY;
}

static __always_inline bool rf_has_option(__u32 abi, __u32 number)
{
	return RF_IS_IOCTL(abi, number) || RF_IS_PRCTL(abi, number) || RF_IS_PERSONALITY(abi, number);
}

/* Keeps an argument of a call that has one of note. The kernel looks at the low 32 bits of each. */
static __noinline int rf_keep_option(struct rf_task *state, struct pt_regs *regs, __u32 number, __u32 where)
{
	__u32 phase = where >> 8, abi = where & 0xff;
	struct rf_values fresh = {}, *values;
	struct rf_option_key key = {};
	struct rf_slot *slot;
	__u64 args[RF_ARGS];

	key.slot = state->slot;
	key.phase = phase;
	key.kind = rf_option_kind(abi, number);
	values = bpf_map_lookup_elem(&rf_options, &key);
	if (!values) {
		bpf_map_update_elem(&rf_options, &key, &fresh, BPF_NOEXIST);
		values = bpf_map_lookup_elem(&rf_options, &key);
	}
	if (!values) {
		slot = rf_slot_at(state->slot);
		if (slot && !(slot->flags & RF_SLOT_OPTIONS_FULL))
			__sync_fetch_and_or(&slot->flags, RF_SLOT_OPTIONS_FULL);
		return 0;
	}
	rf_all_arguments(regs, abi, args);
	rf_keep_value(values, (__u32)args[key.kind == RF_OPTION_IOCTL]);
	return 0;
}

#endif
