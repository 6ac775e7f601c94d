"""The schedulers of the libraries: a record each, in record.ALL once these modules are loaded."""

from . import (ref_c, ref_composer, ref_deepspeed, ref_fairseq, ref_fastai, ref_fvcore, ref_hf, ref_keras, ref_megatron, ref_mxnet, ref_olmo,  # noqa: F401
               ref_optax, ref_paddle, ref_plateau, ref_scripts, ref_thinc, ref_timm, ref_torch, ref_torchtitan)
