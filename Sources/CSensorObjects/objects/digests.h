/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* cd38c35b24dcb958d6c59d08468c64aa480a2970b02ee2d5727adcabb0af4f38  ringfence_x86_64.bpf.o */
/* e6d7fedefbc376cb823201779c770eed2d97c508b713af0cf134d6cb3b509d85  ringfence_arm64.bpf.o */
