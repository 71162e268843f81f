/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* d91173cbc7c88c5aa8a3f138f62eaa1a336a46ed67c5e61f6452f55762eae8ae  ringfence_x86_64.bpf.o */
/* 2c5135d50da75f1f8c74b001dab225763b0cdc4e418cafbadfe32b68dd7e4400  ringfence_arm64.bpf.o */
