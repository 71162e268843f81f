/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 347977b1dd7688777d91e3b5b20d539b251d46adc4342dfb31f2d9779d758c46  ringfence_x86_64.bpf.o */
/* bfc8f615b1867863560a816111b0d07f33e685440ae9bcbc23299c703d881823  ringfence_arm64.bpf.o */
