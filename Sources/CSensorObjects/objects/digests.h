/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 84d40bec4c5acdb935b791953f21bc6ecc7fa141ca43f61fa357a09dcdc63645  ringfence_x86_64.bpf.o */
/* f9856a74c84edcd99e66fe80040cd223828e3901a791ec1e8d9e36a28f22b098  ringfence_arm64.bpf.o */
