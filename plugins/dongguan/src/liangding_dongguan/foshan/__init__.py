"""佛山: national transactions as Foshan's systems send them; its catalogue matching is Guangzhou's."""
