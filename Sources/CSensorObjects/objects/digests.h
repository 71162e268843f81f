/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 524d20cbd1921c9c93c594622d44f7162b0fefefdf59669bb0b5f9f1e81a9a95  ringfence_x86_64.bpf.o */
/* c5e7b2682e3a600b3b2779aae85c0e70341e7cab94185435c15d2d7fa8dacf1c  ringfence_arm64.bpf.o */
