/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 8e0d7a7a6f8150e75d62805772d6cb50ed2bf2742bbbb22a94da1fe2824dd4d9  ringfence_x86_64.bpf.o */
/* 213ffacd04520ba73a6e50598d7ab65e1143f0f6aa45f7bd4f2ae64426e6e255  ringfence_arm64.bpf.o */
