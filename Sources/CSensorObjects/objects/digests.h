/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 2890d9d1820915225a4953be0cdbaa645d6b89951c3ea42976f3a63047e6dc36  ringfence_x86_64.bpf.o */
/* 6e9bf876d7f5d2d07cbfd8a7006560c95257aff1c538e817b1d3b6ba667418c6  ringfence_arm64.bpf.o */
