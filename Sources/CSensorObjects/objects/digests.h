/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* e90cc69b1936e9c7bfde90aec8fda75d57376292f303f360d4b5b322f367791a  ringfence_x86_64.bpf.o */
/* 2c8cdb1f0d518e6d81b7d9ab971026397c9fa17ecc51e8fa35e2fc821fd93c50  ringfence_arm64.bpf.o */
